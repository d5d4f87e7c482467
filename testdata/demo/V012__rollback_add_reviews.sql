-- Mistake: fails when it runs a second time, for example after a rollback that was cut off half-way.
DROP TABLE shop.reviews;
