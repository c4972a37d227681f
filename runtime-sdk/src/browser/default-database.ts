/** Name of the database in which machines are saved. */
export const DEFAULT_DATABASE = "warmboot";
