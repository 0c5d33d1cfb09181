"""Recording of runs and studies in MLflow."""
