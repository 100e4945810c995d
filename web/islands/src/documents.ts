// Written by `npm run generate` from schema.graphql and web/documents/islands.graphql.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** The six official languages of the United Nations. */
export type Language =
  | 'EN'
  | 'AR'
  | 'ES'
  | 'FR'
  | 'RU'
  | 'ZH';

/** Kinds of records that search knows. */
export type RecordKind =
  | 'COUNTRY'
  | 'COUNTRY_GROUP'
  | 'INDICATOR'
  | 'ORGANIZATION'
  | 'TOPIC'
  | 'PROJECT'
  | 'PRACTICE'
  | 'SOLUTION'
  | 'OFFER'
  | 'FUNDING_CALL'
  | 'NEED'
  | 'PARTNERSHIP'
  | 'FORUM'
  | 'COMMITMENT'
  | 'ESSENTIAL_SERVICE';

export type SuggestionsQueryVariables = Exact<{
  query: string;
  kinds?: Array<RecordKind> | RecordKind | null | undefined;
  language: Language;
}>;


export type SuggestionsQuery = { search: { nodes: Array<
      | (
        { url: string, lang: string, id: string, title: string }
        & { __typename: 'Commitment' | 'EssentialService' | 'Forum' | 'FundingCall' | 'Need' | 'Offer' | 'Organization' | 'Partnership' | 'Post' | 'Practice' | 'Project' | 'Solution' }
      )
      | (
        { url: string, id: string, title: string }
        & { __typename: 'Country' | 'CountryGroup' | 'Indicator' | 'IngestRun' | 'Pillar' | 'Source' | 'Topic' }
      )
    > } };

export type TopicsOfTextQueryVariables = Exact<{
  text: string;
  language: Language;
}>;


export type TopicsOfTextQuery = { topicsOf: Array<{ id: string, name: string, url: string }> };

export type RecordCountQueryVariables = Exact<{
  query: string;
  kinds?: Array<RecordKind> | RecordKind | null | undefined;
  topics?: Array<string | number> | string | number | null | undefined;
  country?: string | null | undefined;
}>;


export type RecordCountQuery = { search: { totalCount: number } };

export type CountryCountQueryVariables = Exact<{
  one: string | number;
  two: string | number;
  three: string | number;
}>;


export type CountryCountQuery = { countries: { totalCount: number } };

export type AroundQueryVariables = Exact<{
  id: string | number;
  language: Language;
}>;


export type AroundQuery = { surroundings: Array<{ field: string, count: number, records: { nodes: Array<
        | (
          { lang: string, id: string, title: string }
          & { __typename: 'Commitment' | 'EssentialService' | 'Forum' | 'FundingCall' | 'Need' | 'Offer' | 'Organization' | 'Partnership' | 'Post' | 'Practice' | 'Project' | 'Solution' }
        )
        | (
          { id: string, title: string }
          & { __typename: 'Country' | 'CountryGroup' | 'Indicator' | 'IngestRun' | 'Pillar' | 'Source' | 'Topic' }
        )
      > } }> };

type Told_F71P0jFFjzd7pdYo4wAGq7SaoqJeb0UHxqADbOkc0_Fragment = (
  { lang: string, id: string, title: string }
  & { __typename: 'Commitment' | 'EssentialService' | 'Forum' | 'FundingCall' | 'Need' | 'Offer' | 'Organization' | 'Partnership' | 'Post' | 'Practice' | 'Project' | 'Solution' }
);

type Told_CpQmmpgVypfZn7p2c0xuZ7P4xnM0Pnmfn1vdJbCs9g_Fragment = (
  { id: string, title: string }
  & { __typename: 'Country' | 'CountryGroup' | 'Indicator' | 'IngestRun' | 'Pillar' | 'Source' | 'Topic' }
);

export type ToldFragment =
  | Told_F71P0jFFjzd7pdYo4wAGq7SaoqJeb0UHxqADbOkc0_Fragment
  | Told_CpQmmpgVypfZn7p2c0xuZ7P4xnM0Pnmfn1vdJbCs9g_Fragment
;

/** A document by its hash, with the types of its answer and of its variables. */

export interface Asked<Answer, Variables> {
  id: string;
  types?: (variables: Variables) => Answer;
}

export const DOCUMENTS = {
  Suggestions: { id: "9e96cd4c8d0fa0ca424141cf8f9063e4d66f7998457dbe8ae1d3de555f082acf" } as Asked<SuggestionsQuery, SuggestionsQueryVariables>,
  TopicsOfText: { id: "97bea6c695be8e48d109736431d246f7e5dc7aa4b2c8ec172109044f490b34d0" } as Asked<TopicsOfTextQuery, TopicsOfTextQueryVariables>,
  RecordCount: { id: "9d70c7cb75c2a7cc6b49b553cefd19273bd348f65a4104325d61e75aac767dbb" } as Asked<RecordCountQuery, RecordCountQueryVariables>,
  CountryCount: { id: "8e6ce0e9281105e44e16f933b8f2a9fb41a66fb8a5a59f590c1ad0347b997287" } as Asked<CountryCountQuery, CountryCountQueryVariables>,
  Around: { id: "de975459c60ea5453e6f42278937089301d35b5584a1bffe8c1c7f6274de1e13" } as Asked<AroundQuery, AroundQueryVariables>,
};
