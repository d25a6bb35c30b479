"""HTTP as web serves it: connections that end in time, and a bound on how many there are."""
