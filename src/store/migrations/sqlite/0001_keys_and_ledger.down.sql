DROP TABLE settings;
DROP TABLE journal_positions;
DROP TABLE usage_hourly;
DROP VIEW live_keys;
DROP TABLE key_balances;
DROP TABLE ledger;
DROP TABLE api_keys;
