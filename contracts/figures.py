"""What both sides call a figure: less of it is a speck that nobody could recognise, neither counted nor extra."""

SIDE_PIXELS_MIN = 16
AREA_PIXELS_MIN = 120
