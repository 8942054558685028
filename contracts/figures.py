"""What both sides call a figure: less of it is a speck that nobody could recognise, neither counted nor extra."""

SIDE_PIXELS_MIN = 16
AREA_PIXELS_MIN = 120
# So many numbers of four bytes, in base64, fit the report of 64 pictures, or of five frames with twelve figures each.
DIMENSIONS_MAX = 2_800
