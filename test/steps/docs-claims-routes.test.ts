import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const servers: [framework: string, file: string, source: string][] = [
  [
    'axum',
    'src/api.rs',
    `pub fn router() -> Router {
    let v1 = Router::new()
        .route("/ponds", get(list).post(create))
        .route("/ponds/{id}", get(show).delete(remove))
        .route("/ponds/{id}/fish", get(fish));
    Router::new().route("/health", get(|| async { "ok" })).nest("/api/v1", v1)
}`,
  ],
  [
    'actix',
    'src/api.rs',
    `#[get("/ponds")] async fn list() {}
#[post("/ponds")] async fn create() {}
#[get("/ponds/{id}")] async fn show() {}
#[get("/ponds/{id}/fish")] async fn fish() {}
#[delete("/ponds/{id}")] async fn remove() {}
#[get("/health")] async fn health() {}
fn config(c: &mut ServiceConfig) { c.service(web::scope("/api/v1").service(list)); }`,
  ],
  [
    'rocket',
    'src/api.rs',
    `#[get("/ponds?<q>")] fn list() {}
#[post("/ponds", data = "<d>")] fn create() {}
#[get("/ponds/<id>")] fn show() {}
#[get("/ponds/<id>/fish")] fn fish() {}
#[delete("/ponds/<id>")] fn remove() {}
#[get("/health")] fn health() {}
fn rocket() { rocket::build().mount("/api/v1", routes![list]).mount("/", routes![health]) }`,
  ],
  [
    'express',
    'src/api.js',
    `const api = express.Router();
api.get('/ponds', list); api.post('/ponds', create);
api.get('/ponds/:id', show); api.delete('/ponds/:id', remove); api.get('/ponds/:id/fish', fish);
app.get('/health', ok);
app.use('/api/v1', api);`,
  ],
  [
    'fastify',
    'src/api.ts',
    `export default async (fastify) => {
  fastify.get('/ponds', list); fastify.post<{ Body: Pond }>('/ponds', create);
  fastify.route({ method: 'GET', url: '/ponds/:id', handler: show });
  fastify.route({ method: ['DELETE'], url: '/ponds/:id', handler: remove });
  fastify.get('/ponds/:id/fish', fish);
};
app.register(routes, { prefix: '/api/v1' });
app.get('/health', ok);`,
  ],
  [
    'flask',
    'api.py',
    `bp = Blueprint("ponds", __name__, url_prefix="/api/v1")
@bp.route("/ponds", methods=["GET", "POST"])
def ponds(): pass
@bp.get("/ponds/<int:id>")
def show(id): pass
@bp.route("/ponds/<int:id>", methods=["DELETE"])
def remove(id): pass
@bp.get("/ponds/<int:id>/fish")
def fish(id): pass
@app.get("/health")
def health(): pass`,
  ],
  [
    'fastapi',
    'api.py',
    `router = APIRouter(prefix="/api/v1")
@router.get("/ponds")
async def ponds(): pass
@router.post("/ponds", status_code=201)
async def create(): pass
@router.get("/ponds/{pond_id}")
async def show(pond_id: int): pass
@router.delete("/ponds/{pond_id}")
async def remove(pond_id: int): pass
@router.get("/ponds/{pond_id}/fish")
async def fish(pond_id: int): pass
@app.get("/health")
async def health(): pass`,
  ],
  [
    'gin',
    'api.go',
    `package main
func routes(r *gin.Engine) {
	v1 := r.Group("/api/v1")
	v1.GET("/ponds", list)
	v1.POST("/ponds", create)
	v1.GET("/ponds/:id", show)
	v1.DELETE("/ponds/:id", remove)
	v1.GET("/ponds/:id/fish", fish)
	r.GET("/health", ok)
}`,
  ],
  [
    'net/http',
    'api.go',
    `package main
func routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/ponds", list)
	mux.HandleFunc("POST /api/v1/ponds", create)
	mux.HandleFunc("GET /api/v1/ponds/{id}", show)
	mux.HandleFunc("DELETE /api/v1/ponds/{id}", remove)
	mux.HandleFunc("GET /api/v1/ponds/{id}/fish", fish)
	mux.HandleFunc("GET /health", ok)
}`,
  ],
  [
    'gorilla',
    'api.go',
    `package main
func routes(r *mux.Router) {
	s := r.PathPrefix("/api/v1").Subrouter()
	s.HandleFunc("/ponds", list).Methods("GET")
	s.HandleFunc("/ponds", create).Methods("POST")
	s.HandleFunc("/ponds/{id:[0-9]+}", show).Methods(http.MethodGet)
	s.HandleFunc("/ponds/{id}", remove).Methods("DELETE")
	s.HandleFunc("/ponds/{id}/fish", fish).Methods("GET")
	r.HandleFunc("/health", ok)
}`,
  ],
  [
    'Spring',
    'src/PondController.java',
    `@RestController
@RequestMapping("/api/v1/ponds")
class PondController {
  @GetMapping List<Pond> list() {}
  @GetMapping("/{id}") Pond show() {}
  @PostMapping("/") Pond create() {}
  @DeleteMapping("/{id}") void remove() {}
  @GetMapping("/{id}/fish") List<Fish> fish() {}
}`,
  ],
  [
    'OpenAPI',
    'openapi.yaml',
    `openapi: 3.0.3
info: { title: ponds, version: "1" }
servers: [{ url: "http://localhost:7000/api/v1" }]
paths:
  /ponds: { get: {}, post: {} }
  /ponds/{id}: { get: {}, delete: {} }
  /ponds/{id}/fish: { get: {} }
  /health: { get: {} }
`,
  ],
];

async function weighing(file: string, source: string, text: string): Promise<string[]> {
  const target = tempDir({ [file]: source });
  execFileSync('git', ['init', '-q'], { cwd: target });
  writeIn(target, 'API.md', text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: ['API.md'] }, target });
  return record.findings
    .filter((one) => one.code === 'name-unknown')
    .map((one) => `${one.level} ${one.where?.line} ${one.subject}`);
}

describe('docs/claims: HTTP routes', () => {
  const right = `# API

- \`GET /api/v1/ponds\` lists, \`GET /api/v1/ponds/7\` shows one, **DELETE** \`/api/v1/ponds/{pond}\` removes it.

| Method | Path |
| --- | --- |
| GET | /api/v1/ponds/:id/fish |

\`GET /api/v1/query?query=up\` is Prometheus's.

\`\`\`bash
curl -s "http://localhost:7000/api/v1/ponds?limit=3" | jq .
curl http://localhost:9090/api/v1/anything
\`\`\`
`;
  const wrong = `# API

- \`GET /api/v1/lakes\` lists.

| Method | Path |
| --- | --- |
| GET | /api/v1/ponds/:id/frogs |

\`\`\`bash
curl -X POST http://localhost:7000/api/v1/ponds/7/feed -d '{}'
\`\`\`

### PUT /api/v1/ponds/{id}/rename
`;
  it.each(servers)('%s', async (framework, file, source) => {
    expect(await weighing(file, source, right)).toEqual([]);
    expect(await weighing(file, source, wrong)).toEqual([
      'error 3 GET /api/v1/lakes',
      'error 7 GET /api/v1/ponds/:id/frogs',
      'error 10 POST /api/v1/ponds/7/feed',
      'error 13 PUT /api/v1/ponds/{id}/rename',
    ]);
    void framework;
  });
});
