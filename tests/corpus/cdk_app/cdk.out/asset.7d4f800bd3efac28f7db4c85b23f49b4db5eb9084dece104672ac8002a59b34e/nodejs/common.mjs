export const common = 1;
