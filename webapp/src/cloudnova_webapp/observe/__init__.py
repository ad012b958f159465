"""What the application tells about itself: metrics, logs, and the request that both belong to."""
