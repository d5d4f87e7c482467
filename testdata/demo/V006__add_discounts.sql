-- Mistake: nothing here can run a second time.
-- Mistake: the foreign key is checked against all rows while both tables refuse writes.
SET lock_timeout = '2s';
CREATE TABLE shop.discounts (
    code    text PRIMARY KEY,
    percent integer NOT NULL CHECK (percent BETWEEN 1 AND 90)
);
ALTER TABLE shop.orders ADD COLUMN discount_code text;
ALTER TABLE shop.orders ADD CONSTRAINT orders_discount_code_fkey
    FOREIGN KEY (discount_code) REFERENCES shop.discounts (code);
RESET lock_timeout;
