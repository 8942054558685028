"""PostgreSQL: the truth. Tables, the unit of work, the stores and the job engine in SQL."""
