"""Objects of Python itself: what their methods and their texts are."""
