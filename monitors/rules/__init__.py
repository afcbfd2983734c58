"""Detection rules in Sigma, compiled to one portable SQL over the view of enriched events."""
