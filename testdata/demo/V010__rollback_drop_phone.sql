ALTER TABLE shop.customers ADD COLUMN IF NOT EXISTS phone text;
