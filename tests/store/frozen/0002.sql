BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE loss_term (
	run_id TEXT NOT NULL, 
	term TEXT NOT NULL, 
	value FLOAT, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (run_id, term), 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "loss_term" VALUES('20260301-120000-00001a','S_within',4.94065645841247e-324,2);
INSERT INTO "loss_term" VALUES('20260301-120000-00001a','change_OS',NULL,1);
INSERT INTO "loss_term" VALUES('20260301-120000-00001a','rmse',0.25,0);
CREATE TABLE "run" (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	created VARCHAR(32) NOT NULL, 
	started VARCHAR(32), 
	ended VARCHAR(32), 
	heartbeat VARCHAR(32), 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	process_started TEXT, 
	seed BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	variant TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	git_commit TEXT, 
	git_dirty BOOLEAN, 
	file TEXT, 
	file_sha256 TEXT, 
	loss FLOAT, 
	error TEXT, 
	mlflow_run TEXT, 
	timings TEXT NOT NULL, 
	versions TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	group_id TEXT, 
	toml TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_run_known_status CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled', 'diverged'))
);
INSERT INTO "run" VALUES('20260301-120000-00001a','näme ''quoted''; --','completed','2026-03-01T12:00:00.000000+00:00','2026-03-01T12:00:00.000000+00:00','2026-03-01T12:00:03.000000+00:00','2026-03-01T12:00:00.000000+00:00','laptop',4242,'b00t 1234',9223372036854775807,'5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f','corrected','oja','0000000000000000000000000000000000000000',0,'store/runs/20260301-120000-00001a.nc','abababababababababababababababababababababababababababababababab',3.33333333333333314829e-01,NULL,'f00','{"simulate": 0.5}','{"numpy": "2.4.6", "blas": "SkylakeX"}','two
lines','of three','name = "x"

[plasticity]
rule = "oja"
');
INSERT INTO "run" VALUES('20260302-120000-00001b','näme ''quoted''; --','failed','2026-03-02T12:00:00.000000+00:00','2026-03-02T12:00:00.000000+00:00','2026-03-02T12:00:03.000000+00:00','2026-03-02T12:00:00.000000+00:00','laptop',4242,'b00t 1234',0,'5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f','corrected','bcm',NULL,NULL,NULL,NULL,NULL,'it''s gone; see "log"',NULL,'{}','{"numpy": "2.4.6", "blas": "SkylakeX"}','two
lines',NULL,'name = "x"

[plasticity]
rule = "oja"
');
INSERT INTO "run" VALUES('20260303-120000-00001c','näme ''quoted''; --','running','2026-03-03T12:00:00.000000+00:00','2026-03-03T12:00:00.000000+00:00',NULL,'2026-03-03T12:00:00.000000+00:00','laptop',4242,'b00t 1234',9223372036854775807,'5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f','original','none','0000000000000000000000000000000000000000',0,NULL,NULL,NULL,NULL,NULL,'{}','{"numpy": "2.4.6", "blas": "SkylakeX"}','two
lines',NULL,'name = "x"

[plasticity]
rule = "oja"
');
CREATE TABLE run_tag (
	run_id TEXT NOT NULL, 
	tag TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (run_id, tag), 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "run_tag" VALUES('20260301-120000-00001a','apple',1);
INSERT INTO "run_tag" VALUES('20260301-120000-00001a','zebra',0);
INSERT INTO "run_tag" VALUES('20260302-120000-00001b','apple',0);
CREATE TABLE selectivity (
	run_id TEXT NOT NULL, 
	condition TEXT NOT NULL, 
	measure TEXT NOT NULL, 
	statistic TEXT NOT NULL, 
	population TEXT NOT NULL, 
	value FLOAT, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (run_id, condition, measure, statistic, population), 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','OS','mean','CC',13.1,13);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','OS','mean','CS',12.1,12);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','OS','mean','PV',14.1,14);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','OS','mean','SST',15.1,15);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','rate','mean','CC',9.1,9);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','rate','mean','CS',8.1,8);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','rate','mean','PV',10.1,10);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','after','rate','mean','SST',11.1,11);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','OS','mean','CC',5.1,5);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','OS','mean','CS',4.1,4);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','OS','mean','PV',6.1,6);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','OS','mean','SST',7.1,7);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','rate','mean','CC',NULL,1);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','rate','mean','CS',NULL,0);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','rate','mean','PV',NULL,2);
INSERT INTO "selectivity" VALUES('20260301-120000-00001a','before','rate','mean','SST',3.1,3);
CREATE TABLE summary (
	run_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	value FLOAT, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (run_id, name), 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "summary" VALUES('20260301-120000-00001a','OS_contrast',NULL,1);
INSERT INTO "summary" VALUES('20260301-120000-00001a','active',3.00000000000000044408e-01,2);
INSERT INTO "summary" VALUES('20260301-120000-00001a','not_in_equilibrium',3.0,0);
CREATE TABLE weight (
	run_id TEXT NOT NULL, 
	post TEXT NOT NULL, 
	pre TEXT NOT NULL, 
	quantity TEXT NOT NULL, 
	statistic TEXT NOT NULL, 
	value FLOAT, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (run_id, post, pre, quantity, statistic), 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','CC','final','mean',-1.5,11);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','CC','initial','mean',-1.375,10);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','CS','final','mean',-1.25,9);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','CS','initial','mean',-1.125,8);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','PV','final','mean',-1.75,13);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','PV','initial','mean',-1.625,12);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','SST','final','mean',-2.0,15);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CC','SST','initial','mean',-1.875,14);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','CC','final','mean',-0.5,3);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','CC','initial','mean',-0.375,2);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','CS','final','mean',-0.25,1);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','CS','initial','mean',-0.125,0);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','PV','final','mean',-0.75,5);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','PV','initial','mean',-0.625,4);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','SST','final','mean',-1.0,7);
INSERT INTO "weight" VALUES('20260301-120000-00001a','CS','SST','initial','mean',-0.875,6);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','CC','final','mean',-2.5,19);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','CC','initial','mean',-2.375,18);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','CS','final','mean',-2.25,17);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','CS','initial','mean',-2.125,16);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','PV','final','mean',-2.75,21);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','PV','initial','mean',-2.625,20);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','SST','final','mean',-3.0,23);
INSERT INTO "weight" VALUES('20260301-120000-00001a','PV','SST','initial','mean',-2.875,22);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','CC','final','mean',-3.5,27);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','CC','initial','mean',-3.375,26);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','CS','final','mean',-3.25,25);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','CS','initial','mean',-3.125,24);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','PV','final','mean',-3.75,29);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','PV','initial','mean',-3.625,28);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','SST','final','mean',-4.0,31);
INSERT INTO "weight" VALUES('20260301-120000-00001a','SST','SST','initial','mean',-3.875,30);
CREATE INDEX ix_run_tag_tag_run_id ON run_tag (tag, run_id);
CREATE INDEX ix_run_rule_id ON run (rule, id);
CREATE INDEX ix_run_hash_id ON run (hash, id);
CREATE INDEX ix_run_created ON run (created);
CREATE INDEX ix_run_status_id ON run (status, id);
CREATE INDEX ix_run_group_id_id ON run (group_id, id);
COMMIT;
