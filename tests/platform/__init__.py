"""The machinery around the product: starting, serving, workers, brokers, catalogues, rules."""
