-- Mistake: every row in one statement, every row locked until it ends.
-- Mistake: search_path stays changed for whatever runs next in this session.
SET search_path = shop;
UPDATE orders SET status = 'archived';
