"""What is done with renders: quoted, requested, carried on, judged, joined, cancelled, taken up again."""
