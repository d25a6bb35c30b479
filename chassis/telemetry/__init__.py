"""OpenTelemetry: spans out over OTLP/HTTP, sampled once, at the edge."""
