ALTER TABLE shop.orders DROP COLUMN IF EXISTS shipping;
