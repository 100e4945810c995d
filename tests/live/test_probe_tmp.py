from graph.database import Query
from graph.vectors import embed_documents
from api.up import *
async def test_p(network):
    await network.database.write(lambda t: t.run(Query("MATCH (s:State) WHERE s.id STARTS WITH 'state:vectors' DELETE s")))
    await network.database.write(lambda t: t.run(Query("MATCH (d:Document) REMOVE d.vector_me5s_384_hash")))
    print(await embed_with_progress(network))
