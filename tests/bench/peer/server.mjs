// Neo4j's own GraphQL library over the same database as the network: the part of the model that the bench asks for, one process.
// Its relationships are lists always, so what is one record in the model is a list of one here.
import { createServer } from "node:http";
import { Neo4jGraphQL } from "@neo4j/graphql";
import { createYoga } from "graphql-yoga";
import neo4j from "neo4j-driver";

const typeDefs = /* GraphQL */ `
  union Party = Country | Organization

  type Country @node {
    id: ID!
    name: String!
    iso2: String!
    region: String
    subregion: String
    incomeGroup: String
    capital: String
    population: Int
    projects: [Project!]! @relationship(type: "IN", direction: IN)
    observations: [Observation!]! @relationship(type: "FOR", direction: IN)
  }

  type Organization @node {
    id: ID!
    name: String!
  }

  type Topic @node {
    id: ID!
    name: String!
    projects: [Project!]! @relationship(type: "ABOUT", direction: IN)
  }

  type Project
    @node
    @fulltext(indexes: [{ indexName: "project_text", queryName: "searchProjects", fields: ["title", "summary"] }]) {
    id: ID!
    title: String!
    summary: String!
    status: String!
    startDate: Date
    endDate: Date
    amountUsd: Float
    countries: [Country!]! @relationship(type: "IN", direction: OUT)
    topics: [Topic!]! @relationship(type: "ABOUT", direction: OUT)
    implementers: [Party!]! @relationship(type: "IMPLEMENTS", direction: IN)
    funders: [Party!]! @relationship(type: "FUNDS", direction: IN)
  }

  type Indicator @node {
    id: ID!
    name: String!
    observations: [Observation!]! @relationship(type: "OF", direction: IN)
  }

  type Observation @node {
    id: ID!
    year: Int!
    value: Float!
    indicator: [Indicator!]! @relationship(type: "OF", direction: OUT)
    country: [Country!]! @relationship(type: "FOR", direction: OUT)
  }
`;

const { PORT, NEO4J_URI, NEO4J_USER, NEO4J_PASSWORD, NEO4J_DATABASE } = process.env;
const driver = neo4j.driver(NEO4J_URI, neo4j.auth.basic(NEO4J_USER, NEO4J_PASSWORD), { telemetryDisabled: true });
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const context = { sessionConfig: { database: NEO4J_DATABASE } };
createServer(createYoga({ schema, context, logging: "warn", graphiql: false })).listen(Number(PORT), "127.0.0.1");
