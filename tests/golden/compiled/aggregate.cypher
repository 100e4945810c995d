CALL () {
  CALL () {
    MATCH (n0:Project)
    WHERE n0.visibility IN $visible AND n0.status = $p0
    RETURN [count(n0), toFloat(sum(n0.amountUsd)), [toFloat(sum(n0.amountUsd)), count(n0.amountUsd)], toFloat(min(n0.amountUsd)), toFloat(max(n0.amountUsd)), toString(min(n0.startDate)), toString(max(n0.startDate))] AS a1
  }
  RETURN [a1] AS r0
}
CALL () {
  CALL () {
    CALL () {
      MATCH (n3:Country)
      WHERE n3.name IS NOT NULL
      WITH n3
      ORDER BY n3.name, n3.id
      LIMIT $p1
      RETURN collect(n3) AS a4
    }
    CALL (a4) {
      WITH a4
      WHERE size(a4) < $p1
      CALL () {
        MATCH (n3:Country)
        WHERE n3.name IS NULL
        WITH n3
        ORDER BY n3.id
        LIMIT $p1
        RETURN collect(n3) AS a6
      }
      RETURN coalesce(head(collect(a6)), []) AS a5
    }
    UNWIND a4 + a5 AS n3
    WITH n3
    LIMIT $p1
    CALL (n3) {
      MATCH (n3)<-[:IN]-(n7:Project)
      WHERE n7.visibility IN $visible
      RETURN [toFloat(sum(n7.amountUsd))] AS a8
    }
    RETURN collect([n3.id, [a8]]) AS a2
  }
  RETURN [a2] AS r1
}
RETURN r0, r1
