BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE IF EXISTS shop.orders;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_app') THEN
        REVOKE USAGE ON SCHEMA shop FROM shop_app;
        DROP ROLE shop_app;
    END IF;
END $$;
COMMIT;
