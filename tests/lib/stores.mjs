// Where a relay can keep its ledger, for what is to hold of every store.
//
//   for (const [name, openStore] of stores) {
//     describe(name, () => {
//       before(async () => (store = await openStore()));
//       ...startRelay({ env: store.environment })...
//       after(() => store.remove());

import { startPostgres } from "./postgres.mjs";

export const stores = [
  ["SQLite", async () => ({ environment: {}, remove: async () => {} })],
  ["PostgreSQL", startPostgres],
];
