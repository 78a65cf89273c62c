// Where answers come from: the lab's server, or what a saved page holds.

/** Asks the server beside the page. */
export class Server {
  held = false;

  async ask(request) {
    const response = await fetch("ask", { method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify(request) });
    return response.json();
  }

  nearest(x) {
    return x;
  }
}

/** Answers from what a page of one file holds: the point stands at places for which everything is there. */
export class Held {
  held = true;

  constructor(data) {
    this.data = data;
    this.places = data.points.map((each) => each.point.x);
  }

  nearest(x) {
    return this.places.reduce((best, place) => (Math.abs(place - x) < Math.abs(best - x) ? place : best));
  }

  async ask(request) {
    const { answer, points } = this.data;
    if (request.at === undefined || request.at === null) return answer;
    const there = points[this.places.indexOf(this.nearest(request.at))];
    const graph = structuredClone(answer.graph);
    graph.nodes.forEach((node, i) => ([node.value, node.gradient, node.written] = there.nodes[i]));
    graph.edges.forEach((edge, i) => ([edge.local, edge.contribution, edge.written] = there.edges[i]));
    graph.steps.forEach((step, i) => (step.sentence = there.sentences[i]));
    return { ...answer, point: there.point, graph };
  }
}

/** Asks one question at a time; of those that come meanwhile, the last. */
export class Latest {
  constructor(source, receive, fail) {
    Object.assign(this, { source, receive, fail, waiting: null, busy: false });
  }

  async ask(request) {
    this.waiting = request;
    if (this.busy) return;
    this.busy = true;
    while (this.waiting) {
      const asked = this.waiting;
      this.waiting = null;
      try {
        const answer = await this.source.ask(asked);
        if (!this.waiting || asked.partial) this.receive(answer, asked);
      } catch (problem) {
        this.fail(problem);
      }
    }
    this.busy = false;
  }
}
