UPDATE shop.orders SET status = 'new' WHERE status = 'archived';
