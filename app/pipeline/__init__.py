"""The durable way of a delivery: stored, handled, judged step by step through crashes, called off when superseded."""
