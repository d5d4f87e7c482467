CREATE TABLE IF NOT EXISTS shop.reviews (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    stars       integer NOT NULL CHECK (stars BETWEEN 1 AND 5)
);
