import { toCsv } from "../shared/csv";
import { store } from "../shared/report-store";
import type { Row } from "../shared/warehouse";

export const handler = async (report: { title: string; team: string; rows: Row[] }) => ({
  key: await store(report.team, report.title, toCsv(report.rows)),
});
