"""From a plan to the text of a module: a function for each region, a helper for each row, drivers for threads.

places   where a tensor stands and which entry a statement means
views    the row of an array that a helper gets
writing  expressions in regions and in rows
frame    the lines of a function, and its local names
sums     where a reduction starts and is complete
rows, regions, drivers, wrapper   the functions, inside out
"""
