"""What can be done with storyboards, one mutation a file."""
