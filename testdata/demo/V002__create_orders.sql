-- Orders, and who may see them. The role is cluster-wide, so its creation is guarded.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_app') THEN
        CREATE ROLE shop_app NOLOGIN;
    END IF;
END $$;

BEGIN;
SET LOCAL lock_timeout = '2s';

CREATE TABLE IF NOT EXISTS shop.orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES shop.customers (id),
    status      text NOT NULL DEFAULT 'new',
    total       numeric(12, 2) NOT NULL DEFAULT 0,
    note        text,
    placed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS orders_customer_id ON shop.orders (customer_id);

ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.orders FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS orders_of_customer ON shop.orders;
CREATE POLICY orders_of_customer ON shop.orders TO shop_app
    USING (customer_id = current_setting('shop.customer_id', true)::bigint)
    WITH CHECK (customer_id = current_setting('shop.customer_id', true)::bigint);

GRANT USAGE ON SCHEMA shop TO shop_app;
GRANT SELECT, INSERT, UPDATE ON shop.orders TO shop_app;

COMMIT;
