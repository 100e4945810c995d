// Parameters: none
DROP INDEX document_vector_me5s_384 IF EXISTS
