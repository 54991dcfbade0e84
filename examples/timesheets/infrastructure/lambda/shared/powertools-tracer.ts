import { Tracer } from "@aws-lambda-powertools/tracer";

export const tracer = new Tracer();
