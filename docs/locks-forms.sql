-- Statement forms for docs/locks.md, one a line after a line that names their section. tools/locks-page asks the model what
-- each does on every version; tests/claims_test.cpp runs each on a server and holds the model against it. A line that begins
-- with "given" tells what is there before the form of the next line, beside these tables.
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, code varchar(20), note text, total numeric(10, 2), placed timestamptz);
CREATE TABLE logs (at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- section: Columns
ALTER TABLE orders ADD COLUMN state text;
ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';
ALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT now();
ALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT clock_timestamp();
ALTER TABLE orders ADD COLUMN luck float DEFAULT random();
ALTER TABLE orders ADD COLUMN number bigserial;
ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 2) STORED;
ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 2) VIRTUAL;
ALTER TABLE orders ADD COLUMN state text CHECK (state <> '');
ALTER TABLE orders ADD COLUMN state text UNIQUE;
ALTER TABLE orders ADD COLUMN buyer bigint REFERENCES customers;
ALTER TABLE orders ADD COLUMN buyer bigint DEFAULT 1 REFERENCES customers;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders ALTER COLUMN note SET DEFAULT 'x';
ALTER TABLE orders ALTER COLUMN note DROP DEFAULT;
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
-- given: ALTER TABLE orders ADD CONSTRAINT coded CHECK (code IS NOT NULL);
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
ALTER TABLE orders ADD CONSTRAINT coded NOT NULL code NOT VALID;
ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;
ALTER TABLE orders ALTER COLUMN note SET STATISTICS 500;
ALTER TABLE orders ALTER COLUMN note SET STORAGE external;
ALTER TABLE orders RENAME COLUMN note TO remark;
-- section: Types of columns
ALTER TABLE orders ALTER COLUMN code TYPE varchar(40);
ALTER TABLE orders ALTER COLUMN code TYPE text;
ALTER TABLE orders ALTER COLUMN code TYPE varchar(10);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 4);
ALTER TABLE orders ALTER COLUMN customer_id TYPE integer;
ALTER TABLE orders ALTER COLUMN note TYPE text USING trim(note);
-- given: CREATE INDEX orders_note ON orders (note);
ALTER TABLE orders ALTER COLUMN note TYPE text COLLATE "C";
-- section: Constraints
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;
-- given: ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT positive;
ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
-- given: ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT buyer;
-- given: ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders DROP CONSTRAINT buyer;
ALTER TABLE orders ADD CONSTRAINT coded UNIQUE (code);
-- given: CREATE UNIQUE INDEX coded ON orders (code);
ALTER TABLE orders ADD CONSTRAINT coded UNIQUE USING INDEX coded;
ALTER TABLE orders DROP CONSTRAINT orders_pkey;
-- section: Indexes
CREATE INDEX orders_code ON orders (code);
CREATE INDEX CONCURRENTLY orders_code ON orders (code);
-- given: CREATE INDEX orders_code ON orders (code);
DROP INDEX orders_code;
-- given: CREATE INDEX orders_code ON orders (code);
DROP INDEX CONCURRENTLY orders_code;
ALTER INDEX orders_pkey RENAME TO orders_key;
REINDEX INDEX orders_pkey;
REINDEX TABLE orders;
REINDEX TABLE CONCURRENTLY orders;
-- section: Tables
CREATE TABLE carts (id bigint, customer_id bigint REFERENCES customers);
CREATE TABLE carts (LIKE orders INCLUDING ALL);
CREATE TABLE carts AS SELECT * FROM orders;
DROP TABLE orders;
-- given: ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers;
DROP TABLE orders;
TRUNCATE orders;
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE orders SET (fillfactor = 80);
ALTER TABLE orders SET (autovacuum_enabled = false);
ALTER TABLE orders SET UNLOGGED;
CLUSTER orders USING orders_pkey;
VACUUM orders;
VACUUM FULL orders;
ANALYZE orders;
COMMENT ON TABLE orders IS 'what people bought';
LOCK TABLE orders;
-- section: Partitions
CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- given: CREATE TABLE logs_2 (at date NOT NULL, line text);
ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- given: CREATE TABLE logs_2 (at date NOT NULL, line text, CHECK (at >= '2025-01-01' AND at < '2026-01-01'));
ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE logs DETACH PARTITION logs_1;
ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY;
DROP TABLE logs_1;
CREATE INDEX logs_at ON logs (at);
CREATE INDEX logs_at ON ONLY logs (at);
ALTER TABLE logs ADD COLUMN host text;
ALTER TABLE logs ADD PRIMARY KEY (at);
-- section: Triggers, policies, privileges
-- given: CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
-- given: CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$; CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
DROP TRIGGER touched ON orders;
ALTER TABLE orders DISABLE TRIGGER ALL;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING (code = current_user);
GRANT SELECT ON orders TO PUBLIC;
CREATE PUBLICATION feed FOR TABLE orders;
CREATE STATISTICS both_of ON code, note FROM orders;
-- section: Views
CREATE VIEW recent AS SELECT * FROM orders;
-- given: CREATE VIEW recent AS SELECT id FROM orders;
DROP VIEW recent;
CREATE MATERIALIZED VIEW totals AS SELECT code, sum(total) AS sum FROM orders GROUP BY code;
-- given: CREATE MATERIALIZED VIEW totals AS SELECT code, sum(total) AS sum FROM orders GROUP BY code; CREATE UNIQUE INDEX totals_code ON totals (code);
REFRESH MATERIALIZED VIEW totals;
-- given: CREATE MATERIALIZED VIEW totals AS SELECT code, sum(total) AS sum FROM orders GROUP BY code; CREATE UNIQUE INDEX totals_code ON totals (code);
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
-- section: Types and sequences
-- given: CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TYPE mood ADD VALUE 'happy';
-- given: CREATE DOMAIN amount AS numeric; ALTER TABLE orders ADD COLUMN paid amount;
ALTER DOMAIN amount ADD CONSTRAINT paid CHECK (value >= 0);
-- given: CREATE DOMAIN amount AS numeric; ALTER TABLE orders ADD COLUMN paid amount;
ALTER DOMAIN amount ADD CONSTRAINT paid CHECK (value >= 0) NOT VALID;
-- given: CREATE SEQUENCE numbers;
ALTER SEQUENCE numbers RESTART;
-- section: Rows
SELECT * FROM orders WHERE id = 1;
SELECT * FROM orders FOR UPDATE;
INSERT INTO orders (id, code) VALUES (2, 'b');
UPDATE orders SET code = 'x';
UPDATE orders SET code = 'x' WHERE id = 1;
DELETE FROM orders WHERE code = 'x';
-- given: ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers;
DELETE FROM customers WHERE id = 5;
