"""Pages of workers: what can I do now, the task, and my money."""
