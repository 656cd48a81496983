"""What is wrong with a picture as a whole: measures, faults and the view a camera used to have."""
