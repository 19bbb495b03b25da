// What a board is: plain data, the same in the object's memory, in its storage and in every tab.

/** What a member does on a card. */
export type Role = "leads" | "helps";

export interface ChecklistItem {
  id: string;
  text: string;
  done: boolean;
}

export interface Card {
  id: string;
  title: string;
  notes: string;
  tags: Set<string>;
  /** Names to roles, in the order they joined. */
  members: Map<string, Role>;
  due: Date | null;
  checklist: ChecklistItem[];
  cheers: number;
}

export interface Column {
  id: string;
  title: string;
  cards: Card[];
}

export interface ChatMessage {
  id: string;
  from: string;
  text: string;
  at: Date;
}

export interface BoardState {
  board: { title: string; columns: Column[] };
  chat: ChatMessage[];
}

/** Where a card is: its column, its index there, and the card itself. */
export interface CardPlace {
  column: Column;
  index: number;
  card: Card;
}

/** Finds a card by its id; undefined when another tab has removed it. */
export function findCard(state: BoardState, id: string): CardPlace | undefined {
  for (const column of state.board.columns) {
    const index = column.cards.findIndex((card) => card.id === id);
    const card = column.cards[index];
    if (card !== undefined) return { column, index, card };
  }
  return undefined;
}

export type Step = "up" | "down" | "left" | "right";

/** The place one step beside a card's own; undefined at an edge. */
export function placeBeside(
  { board: { columns } }: BoardState,
  { column, index }: CardPlace,
  step: Step,
): Omit<CardPlace, "card"> | undefined {
  if (step === "up") return index > 0 ? { column, index: index - 1 } : undefined;
  if (step === "down") return index < column.cards.length - 1 ? { column, index: index + 1 } : undefined;
  const beside = columns[columns.indexOf(column) + (step === "left" ? -1 : 1)];
  return beside && { column: beside, index: Math.min(index, beside.cards.length) };
}

/** A board as it is before anybody touched it. */
export function firstBoard(): BoardState {
  return {
    board: {
      title: "Before winter",
      columns: [
        {
          id: "todo",
          title: "To do",
          cards: [
            card("nest", "Line the nest with moss", {
              tags: ["home"],
              members: [["Moss", "leads"]],
              checklist: ["Strip honeysuckle bark", "Gather dry moss", "Weave the inner ball"],
            }),
            card("map", "Draw a map of the hazel trees", { tags: ["food", "maps"] }),
            card("spare", "Choose a spare hollow", { notes: "Low, dry, and out of the wind." }),
          ],
        },
        {
          id: "doing",
          title: "Doing",
          cards: [
            card("nuts", "Gather hazelnuts", {
              notes: "Before the squirrels do. Only the ones that don't float.",
              tags: ["food"],
              members: [
                ["Hazel", "leads"],
                ["Wren", "helps"],
              ],
              due: "2026-10-18",
              checklist: ["The old tree by the brook", "The hedge along the lane", "Count them"],
              done: 1,
            }),
          ],
        },
        {
          id: "done",
          title: "Done",
          cards: [
            card("blackberries", "Eat blackberries", {
              tags: ["food"],
              checklist: ["All of them"],
              done: 1,
            }),
          ],
        },
      ],
    },
    chat: [],
  };
}

interface FirstCard {
  notes?: string;
  tags?: string[];
  members?: [string, Role][];
  due?: string;
  checklist?: string[];
  /** How many items of the checklist are done. */
  done?: number;
}

function card(id: string, title: string, first: FirstCard): Card {
  const { notes = "", tags = [], members = [], due, checklist = [], done = 0 } = first;
  return {
    id,
    title,
    notes,
    tags: new Set(tags),
    members: new Map(members),
    due: due === undefined ? null : new Date(due),
    checklist: checklist.map((text, index) => ({ id: `${id}-${index}`, text, done: index < done })),
    cheers: 0,
  };
}
