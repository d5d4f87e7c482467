-- Mistake: the running release still asks for full_name.
SET lock_timeout = '2s';
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns
               WHERE table_schema = 'shop' AND table_name = 'customers' AND column_name = 'full_name') THEN
        ALTER TABLE shop.customers RENAME COLUMN full_name TO display_name;
    END IF;
END $$;
RESET lock_timeout;
