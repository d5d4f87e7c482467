DROP INDEX IF EXISTS shop.orders_total_idx;
