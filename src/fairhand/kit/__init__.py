"""Value types and the few things that everything shares; knows nothing of ours."""
