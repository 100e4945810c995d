// Parameters: none
CREATE VECTOR INDEX document_vector_me5s_384 IF NOT EXISTS FOR (d:Document) ON d.vector_me5s_384 WITH [d.documentType, d.evidence, d.visibility, d.date] OPTIONS {indexConfig: {`vector.dimensions`: 3, `vector.similarity_function`: 'cosine', `vector.quantization.enabled`: false}}
