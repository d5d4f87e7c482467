ALTER TABLE shop.orders DROP COLUMN IF EXISTS discount_code;
DROP TABLE IF EXISTS shop.discounts;
