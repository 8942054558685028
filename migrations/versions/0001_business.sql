-- The tables of the business as revision 0001 makes them.

CREATE TABLE attempts (
    key TEXT NOT NULL,
    arrival_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_attempts PRIMARY KEY (key)
);
CREATE INDEX ix_attempts_arrival_at ON attempts (arrival_at);

CREATE TABLE users (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    password_hash TEXT DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email)
);

CREATE TABLE workspaces (
    id UUID NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    weight FLOAT DEFAULT '1' NOT NULL,
    running_max INTEGER DEFAULT '8' NOT NULL,
    virtual_time FLOAT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_workspaces PRIMARY KEY (id)
);

CREATE TABLE characters (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    name VARCHAR(100) NOT NULL,
    aliases TEXT[] DEFAULT '{}' NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    embedding VECTOR(768),
    embedding_space TEXT,
    threshold FLOAT,
    images_learned INTEGER DEFAULT '0' NOT NULL,
    revision INTEGER DEFAULT '0' NOT NULL,
    search_vector TSVECTOR DEFAULT '' NOT NULL,
    search_grams TEXT[] DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_characters PRIMARY KEY (id),
    CONSTRAINT ck_characters_name CHECK (char_length(name) between 1 and 100),
    CONSTRAINT fk_characters_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_characters_embedding ON characters USING hnsw (embedding vector_cosine_ops);
CREATE INDEX ix_characters_search_grams ON characters USING gin (search_grams);
CREATE INDEX ix_characters_search_vector ON characters USING gin (search_vector);
CREATE INDEX ix_characters_workspace_id ON characters (workspace_id);
CREATE INDEX ix_characters_workspace_id_created_at_id ON characters (workspace_id, created_at, id);

CREATE TABLE memberships (
    workspace_id UUID NOT NULL,
    user_id UUID NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (workspace_id, user_id),
    CONSTRAINT ck_memberships_role CHECK (role in ('owner', 'editor', 'viewer')),
    CONSTRAINT fk_memberships_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_memberships_user_id ON memberships (user_id);

CREATE TABLE objects (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    key TEXT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    size_bytes BIGINT NOT NULL,
    content_type TEXT DEFAULT '' NOT NULL,
    reference_count INTEGER DEFAULT '0' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    touched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doomed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_objects PRIMARY KEY (id),
    CONSTRAINT uq_objects_workspace_id_sha256 UNIQUE (workspace_id, sha256),
    CONSTRAINT ck_objects_reference_count CHECK (reference_count >= 0),
    CONSTRAINT fk_objects_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT uq_objects_key UNIQUE (key)
);
CREATE INDEX ix_objects_unreferenced ON objects (touched_at) WHERE reference_count = 0;

CREATE TABLE sessions (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoke_reason TEXT,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_sessions_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX ix_sessions_workspace_id ON sessions (workspace_id);

CREATE TABLE storyboards (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    script TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    style TEXT DEFAULT '' NOT NULL,
    seconds_target FLOAT,
    cast_ids UUID[] DEFAULT '{}' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    failure TEXT DEFAULT '' NOT NULL,
    writer TEXT DEFAULT '' NOT NULL,
    version INTEGER DEFAULT '0' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_storyboards PRIMARY KEY (id),
    CONSTRAINT fk_storyboards_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_storyboards_workspace_id ON storyboards (workspace_id);
CREATE INDEX ix_storyboards_workspace_id_created_at_id ON storyboards (workspace_id, created_at, id);

CREATE TABLE uploads (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    object_key TEXT DEFAULT '' NOT NULL,
    file_name TEXT DEFAULT '' NOT NULL,
    content_type TEXT DEFAULT '' NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_uploads PRIMARY KEY (id),
    CONSTRAINT fk_uploads_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_uploads_expires_at ON uploads (expires_at);
CREATE INDEX ix_uploads_workspace_id ON uploads (workspace_id);

CREATE TABLE character_images (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    character_id UUID NOT NULL,
    type TEXT DEFAULT '' NOT NULL,
    position INTEGER NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    refusal TEXT,
    source_id UUID,
    working_id UUID,
    thumbnail_id UUID,
    cut_out_id UUID,
    width INTEGER,
    height INTEGER,
    quality JSONB DEFAULT '{}'::jsonb NOT NULL,
    perceptual_hash BIGINT,
    duplicate_of_id UUID,
    embedding VECTOR(768),
    embedding_space TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_character_images PRIMARY KEY (id),
    CONSTRAINT ck_character_images_type CHECK (type in ('reference', 'generated')),
    CONSTRAINT fk_character_images_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_character_images_character_id FOREIGN KEY(character_id) REFERENCES characters (id) ON DELETE CASCADE,
    CONSTRAINT fk_character_images_source_id FOREIGN KEY(source_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_character_images_working_id FOREIGN KEY(working_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_character_images_thumbnail_id FOREIGN KEY(thumbnail_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_character_images_cut_out_id FOREIGN KEY(cut_out_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_character_images_duplicate_of_id FOREIGN KEY(duplicate_of_id) REFERENCES character_images (id) ON DELETE SET NULL
);
CREATE INDEX ix_character_images_character_id_position ON character_images (character_id, position);
CREATE INDEX ix_character_images_cut_out_id ON character_images (cut_out_id);
CREATE INDEX ix_character_images_duplicate_of_id ON character_images (duplicate_of_id);
CREATE INDEX ix_character_images_source_id ON character_images (source_id);
CREATE INDEX ix_character_images_thumbnail_id ON character_images (thumbnail_id);
CREATE INDEX ix_character_images_working_id ON character_images (working_id);
CREATE INDEX ix_character_images_workspace_id ON character_images (workspace_id);

CREATE TABLE look_alikes (
    one_id UUID NOT NULL,
    other_id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    likeness FLOAT NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_look_alikes PRIMARY KEY (one_id, other_id),
    CONSTRAINT ck_look_alikes_order CHECK (one_id < other_id),
    CONSTRAINT fk_look_alikes_one_id FOREIGN KEY(one_id) REFERENCES characters (id) ON DELETE CASCADE,
    CONSTRAINT fk_look_alikes_other_id FOREIGN KEY(other_id) REFERENCES characters (id) ON DELETE CASCADE,
    CONSTRAINT fk_look_alikes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_look_alikes_other_id ON look_alikes (other_id);
CREATE INDEX ix_look_alikes_workspace_id ON look_alikes (workspace_id);

CREATE TABLE refresh_tokens (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT uq_refresh_tokens_digest UNIQUE (digest)
);
CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE renders (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    storyboard_id UUID NOT NULL,
    requested_by UUID,
    state TEXT DEFAULT '' NOT NULL,
    failure TEXT DEFAULT '' NOT NULL,
    settings JSONB DEFAULT '{}'::jsonb NOT NULL,
    snapshot JSONB DEFAULT '{}'::jsonb NOT NULL,
    cast_ids UUID[] DEFAULT '{}' NOT NULL,
    seed BIGINT NOT NULL,
    budget JSONB DEFAULT '{}'::jsonb NOT NULL,
    committed JSONB DEFAULT '{}'::jsonb NOT NULL,
    spent JSONB DEFAULT '{}'::jsonb NOT NULL,
    film_id UUID,
    poster_id UUID,
    captions_id UUID,
    film_digest TEXT DEFAULT '' NOT NULL,
    film_probe JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_renders PRIMARY KEY (id),
    CONSTRAINT fk_renders_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_renders_requested_by FOREIGN KEY(requested_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_renders_film_id FOREIGN KEY(film_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_renders_poster_id FOREIGN KEY(poster_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_renders_captions_id FOREIGN KEY(captions_id) REFERENCES objects (id) ON DELETE RESTRICT
);
CREATE INDEX ix_renders_captions_id ON renders (captions_id);
CREATE INDEX ix_renders_cast_ids ON renders USING gin (cast_ids);
CREATE INDEX ix_renders_film_id ON renders (film_id);
CREATE INDEX ix_renders_poster_id ON renders (poster_id);
CREATE INDEX ix_renders_requested_by ON renders (requested_by);
CREATE INDEX ix_renders_storyboard_id_created_at_id ON renders (storyboard_id, created_at, id);
CREATE INDEX ix_renders_workspace_id ON renders (workspace_id);
CREATE INDEX ix_renders_workspace_id_created_at_id ON renders (workspace_id, created_at, id);

CREATE TABLE shots (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    storyboard_id UUID NOT NULL,
    position INTEGER NOT NULL,
    content JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_shots PRIMARY KEY (id),
    CONSTRAINT uq_shots_storyboard_id_position UNIQUE (storyboard_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_shots_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_shots_storyboard_id FOREIGN KEY(storyboard_id) REFERENCES storyboards (id) ON DELETE CASCADE
);
CREATE INDEX ix_shots_workspace_id ON shots (workspace_id);

CREATE TABLE storyboard_versions (
    storyboard_id UUID NOT NULL,
    version INTEGER NOT NULL,
    workspace_id UUID NOT NULL,
    edit TEXT DEFAULT '' NOT NULL,
    shots JSONB DEFAULT '[]'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_storyboard_versions PRIMARY KEY (storyboard_id, version),
    CONSTRAINT fk_storyboard_versions_storyboard_id FOREIGN KEY(storyboard_id) REFERENCES storyboards (id) ON DELETE CASCADE,
    CONSTRAINT fk_storyboard_versions_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_storyboard_versions_workspace_id ON storyboard_versions (workspace_id);

CREATE TABLE render_shots (
    render_id UUID NOT NULL,
    shot_id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    position INTEGER NOT NULL,
    content JSONB DEFAULT '{}'::jsonb NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    failure TEXT DEFAULT '' NOT NULL,
    rung TEXT DEFAULT '' NOT NULL,
    first_take INTEGER NOT NULL,
    take_number INTEGER NOT NULL,
    last_take INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    CONSTRAINT pk_render_shots PRIMARY KEY (render_id, shot_id),
    CONSTRAINT uq_render_shots_render_id_position UNIQUE (render_id, position),
    CONSTRAINT fk_render_shots_render_id FOREIGN KEY(render_id) REFERENCES renders (id) ON DELETE CASCADE,
    CONSTRAINT fk_render_shots_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE INDEX ix_render_shots_workspace_id ON render_shots (workspace_id);

CREATE TABLE takes (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    render_id UUID NOT NULL,
    shot_id UUID NOT NULL,
    number INTEGER NOT NULL,
    rung TEXT DEFAULT '' NOT NULL,
    is_accepted BOOLEAN DEFAULT 'false' NOT NULL,
    engine TEXT DEFAULT '' NOT NULL,
    seed BIGINT NOT NULL,
    keyframe_digest TEXT DEFAULT '' NOT NULL,
    keyframe_id UUID,
    keyframe_figures_id UUID,
    keyframe_version TEXT DEFAULT '' NOT NULL,
    keyframe_judgement JSONB,
    clip_digest TEXT DEFAULT '' NOT NULL,
    clip_id UUID,
    clip_figures_id UUID,
    clip_version TEXT DEFAULT '' NOT NULL,
    clip_samples INTEGER[] DEFAULT '{}' NOT NULL,
    clip_judgement JSONB,
    CONSTRAINT pk_takes PRIMARY KEY (id),
    CONSTRAINT uq_takes_render_id_shot_id_number UNIQUE (render_id, shot_id, number),
    CONSTRAINT fk_takes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT fk_takes_render_id FOREIGN KEY(render_id) REFERENCES renders (id) ON DELETE CASCADE,
    CONSTRAINT fk_takes_keyframe_id FOREIGN KEY(keyframe_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_takes_keyframe_figures_id FOREIGN KEY(keyframe_figures_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_takes_clip_id FOREIGN KEY(clip_id) REFERENCES objects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_takes_clip_figures_id FOREIGN KEY(clip_figures_id) REFERENCES objects (id) ON DELETE RESTRICT
);
CREATE INDEX ix_takes_clip_figures_id ON takes (clip_figures_id);
CREATE INDEX ix_takes_clip_id ON takes (clip_id);
CREATE INDEX ix_takes_keyframe_figures_id ON takes (keyframe_figures_id);
CREATE INDEX ix_takes_keyframe_id ON takes (keyframe_id);
CREATE INDEX ix_takes_workspace_id ON takes (workspace_id);
