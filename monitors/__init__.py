"""The systems' logs come in, anomalies become findings, people judge them."""
