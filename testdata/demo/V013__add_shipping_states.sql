-- Mistake: the rollback keeps the type, so that this cannot be applied again after it.
SET lock_timeout = '2s';
CREATE TYPE shop.shipping_state AS ENUM ('waiting', 'on_its_way', 'delivered');
ALTER TABLE shop.orders ADD COLUMN shipping shop.shipping_state;
RESET lock_timeout;
