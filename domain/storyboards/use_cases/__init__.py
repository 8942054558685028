"""What can be done with storyboards, one verb a file."""
