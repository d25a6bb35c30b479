"""Lessons: a file says what is predicted, done, watched and explained; web plays it."""
